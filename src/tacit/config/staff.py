"""`tacit staff`: help for those who are locked out of the desk."""

from __future__ import annotations

import click


@click.command()
@click.argument("email")
def reset(email: str) -> None:
    """Take EMAIL's authenticator app, recovery codes and passkeys away, and end their sessions."""
    from tacit.accounts import actions, wording
    from tacit.accounts.types import AccountError
    from tacit.core import clock

    try:
        actions.reset_second_factor(email=email, now=clock.now())
    except AccountError as error:
        raise click.ClickException(wording.explain(error)) from None
    click.echo("Done. After the next mailed code the desk asks for a new second factor.")
