"""Who works at the demo company, and what it is made of."""

from __future__ import annotations

from typing import NamedTuple

from accounts.choices import Role, UnitKind

COMPANY = "Norrvik Instruments"
DOMAIN = "demo.example"
PASSWORD = "look-at-tier-two"  # noqa: S105 - printed on purpose; the demo refuses to exist in production


class Login(NamedTuple):
    """A person with one role, to sign in as."""

    role: Role
    name: str

    @property
    def email(self) -> str:
        """First name at the demo's domain."""
        return address(self.name)


def address(name: str) -> str:
    """The e-mail address of a person: the first name at the demo's domain."""
    return f"{name.split(maxsplit=1)[0].lower()}@{DOMAIN}"


LOGINS = (
    Login(Role.EXECUTIVE, "Ines Marquardt"),
    Login(Role.OWNER, "Oskar Lindqvist"),
    Login(Role.FINANCE, "Farah Haddad"),
    Login(Role.STEWARD, "Stella Brandt"),
    Login(Role.INTEGRATOR, "Igor Novak"),
    Login(Role.ADMINISTRATOR, "Ada Kowalski"),
)
EXECUTIVE, OWNER, FINANCE, STEWARD, INTEGRATOR, ADMINISTRATOR = LOGINS

# Account managers and heads of departments: known by name, without a way to sign in.
COLLEAGUES = (
    "Amara Okafor",
    "Bruno Castell",
    "Clara Winther",
    "Dario Conti",
    "Elif Aydin",
    "Frieda Kessler",
    "Goran Petrov",
    "Hanna Virtanen",
)

# code, name. Nobody measures delivery: no KPI is its own.
DEPARTMENTS = (
    ("customer_management", "Customer management"),
    ("marketing", "Marketing"),
    ("sales", "Sales"),
    ("customer_service", "Customer service"),
    ("services", "Services"),
    ("product", "Product"),
    ("finance", "Finance"),
    ("delivery", "Delivery and installation"),
)
UNMEASURED_DEPARTMENT = "delivery"

BUSINESS_UNITS = (
    ("laboratory", "Laboratory instruments", UnitKind.PRODUCT),
    ("process", "Process measurement", UnitKind.PRODUCT),
    ("environment", "Environmental monitoring", UnitKind.PRODUCT),
    ("overseas", "Overseas", UnitKind.REGION),
)
OVERSEAS = "overseas"
REGIONS = ("Nordics", "Germany, Austria, Switzerland", "Benelux", "British Isles", "France", "Iberia")
OVERSEAS_REGIONS = ("North America", "East Asia")

# code, name; best first
TIERS = (("platinum", "Platinum"), ("gold", "Gold"), ("silver", "Silver"), ("bronze", "Bronze"))
