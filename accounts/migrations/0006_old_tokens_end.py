"""Tokens that were made before tokens had an end and a maker get both, and their people one mail.

The maker is whom the audit names; where it names nobody, a token counts as somebody else's and takes no decision.
A token ends 90 days from now, or on the day that was chosen for it if that is earlier. The mail is written into the
outbox in the same transaction, under a key of its own, and sent by a worker; so it is written once or not at all.
"""

from collections import defaultdict
from datetime import timedelta

from django.db import migrations
from django.db.models import Q
from django.utils import timezone

DAYS = 90
DECISIONS = {"tierboard.approve_initiatives", "tierboard.approve_targets", "tierboard.close_periods"}
BODY = """Hello {name},

these API tokens act in your name on Tierboard:

{lines}

From now on every token has an end. Please have each program that uses one of them given a new token before its last
day, for the old one is refused afterwards; administrators make new ones. If you do not know a token, ask an
administrator to revoke it.
"""


def name_makers(apps, schema_editor):
    """Each token's maker, from the audit entry that says who made it."""
    tokens, entries = (apps.get_model("accounts", name).objects for name in ("ApiToken", "AuditEntry"))
    made = entries.filter(object_type="accounts.apitoken", verb="created").exclude(by=None).order_by("-pk")
    makers = dict(made.values_list("object_id", "by_id"))  # of several entries the first one
    for token in tokens.filter(made_by=None):
        tokens.filter(pk=token.pk).update(made_by_id=makers.get(str(token.pk)))


def end_tokens(apps, schema_editor):
    """Give those that would serve for ever, or longer, their last day, and tell their people once."""
    tokens, today = apps.get_model("accounts", "ApiToken").objects, timezone.now().date()
    last_day = today + timedelta(days=DAYS)
    living = tokens.filter(Q(expires_on=None) | Q(expires_on__gte=today), revoked_at=None, user__is_active=True)
    changed = defaultdict(list)
    for token in living.select_related("user", "made_by").order_by("pk"):
        shortened = token.expires_on is None or token.expires_on > last_day
        token.expires_on = last_day if shortened else token.expires_on
        if shortened or _loses(token):
            changed[token.user].append(f"- {token.name} ({token.prefix}…): {_loses(token) or _lasts(token)}")
    tokens.filter(Q(expires_on=None) | Q(expires_on__gt=last_day)).update(expires_on=last_day)
    for person, lines in changed.items():
        _write(apps.get_model("accounts", "OutgoingMail"), person, lines)


def _lasts(token):
    """Until when it serves, in words."""
    return f"its last day is {token.expires_on.day} {token.expires_on:%B %Y}"


def _loses(token):
    """What a token no longer may, in words; empty where it loses nothing."""
    maker, person = token.made_by, token.user
    if maker == person:
        return ""
    if maker and person.is_superuser and not maker.is_superuser:
        return "it is refused from now on, for superusers alone make tokens for a superuser"
    silenced = DECISIONS & set(token.scopes)
    return f"{_lasts(token)}, and it takes no decision any more, for somebody else made it" if silenced else ""


def _write(mails, person, lines):
    body = BODY.format(name=person.name or person.email, lines="\n".join(lines))
    values = {"to": person, "subject": "Your API tokens on Tierboard have an end now", "body": body}
    mails.objects.get_or_create(key=f"tokens-end:{person.pk}", defaults=values)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_tokens_have_makers_and_ends")]

    operations = [
        migrations.RunPython(name_makers, migrations.RunPython.noop),
        migrations.RunPython(end_tokens, migrations.RunPython.noop),
    ]
