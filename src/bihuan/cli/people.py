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
    from . import django_ready

    django_ready()
    import secrets

    from django.db import transaction
    from django.utils import timezone

    from bihuan.instruments.administration.services import record
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
        unit = Unit.objects.filter(name=unit_name).first() or unit_add(name=unit_name, kind="bureau", territory=root)
        person = Person.objects.filter(username=username).first() or Person(username=username, name=name)
        if person.pk and posts_on(today).filter(person=person).exists():
            raise click.ClickException(f"{username} holds a post already; an administrator holds no other.")
        password = "-".join(secrets.token_hex(2) for _ in range(4))
        person.set_password(password)
        person.save()
        post = Post.objects.create(
            unit=unit, title=str(Post.Role(role).label), role=role, person=person, valid_from=today
        )
        data = {"unit": unit.code, "role": role, "person": username}
        record(stream=f"post:{post.pk}", type="PostGranted", by="shell", at=now, data=data)
    click.echo(f"{username} ({role})\nFirst password 初始密码: {password}")
