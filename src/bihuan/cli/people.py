"""The first administrators of a new installation; everything after them is done on the pages."""

from __future__ import annotations

import click


@click.command()
@click.argument("role", type=click.Choice(["system", "security", "audit"]))
@click.argument("username")
@click.option("--name", required=True, help="The person's name.")
@click.option("--unit", "unit_name", required=True, help="The unit of the post; entered when it is not there.")
@click.option("--district", help="The district's name, for the very first administrator.")
def administrator(role: str, username: str, name: str, unit_name: str, district: str | None) -> None:
    """Give somebody one of the three administrators' posts and print a first password."""
    from bihuan.conf.starting import django_ready

    django_ready()
    import secrets

    from django.db import transaction
    from django.utils import timezone

    from bihuan.instruments.administration import structure
    from bihuan.kernel.orgs.models import Person, Post, Territory, Unit
    from bihuan.kernel.orgs.selectors import posts_on
    from bihuan.kernel.orgs.services import new_code, territory_add, unit_add

    now, today = timezone.now(), timezone.localdate()
    with transaction.atomic():
        root = Territory.objects.filter(parent=None).first()
        if root is None:
            if not district:
                raise click.ClickException("There is no district yet; name it with --district.")
            root = territory_add(code=new_code("t"), name=district, level="district")
            structure.territory_told(territory=root, by="shell", at=now)
        unit = Unit.objects.filter(name=unit_name).first()
        if unit is None:
            unit = unit_add(name=unit_name, kind="bureau", territory=root)
            structure.unit_told(unit=unit, by="shell", at=now)
        person = Person.objects.filter(username=username).first() or Person(username=username, name=name)
        if person.pk and posts_on(today).filter(person=person).exists():
            raise click.ClickException(f"{username} holds a post already; an administrator holds no other.")
        password = "-".join(secrets.token_hex(2) for _ in range(4))
        person.set_password(password)
        fresh = person.pk is None
        person.save()
        if fresh:
            structure.person_told(person=person, by="shell", at=now)
        post = Post.objects.create(
            unit=unit, title=str(Post.Role(role).label), role=role, person=person, valid_from=today
        )
        structure.post_told(post=post, by="shell", at=now)
    click.echo(f"{username} ({role})\nFirst password 初始密码: {password}")
