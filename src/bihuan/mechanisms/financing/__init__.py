"""The financing white list: files, screening, lead banks, pushes and answers, money, delivery, lists."""
