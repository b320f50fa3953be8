"""A company with a file of each kind."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from accounts.models import Company
from tests.kept import kept
from tests.loads.files import Loader
from tests.loads.reading import small_company

FILES = {
    "business_units": """
        code,name,kind
        europe,Continental Europe,region
        tools,Power tools,product""",
    "departments": """
        code,name
        sales,Sales
        support,Customer Service""",
    "tiers": """
        code,name,rank
        T1,Platinum,1
        T2,Gold,2""",
    "customers": """
        external_id,name,business_unit,region,is_key_account,account_manager
        C1,Account 1,europe,Iceland,true,Omar@tierboard.example
        C2,Account 2,,,,
        C 3 | x,Account 3,tools,Norway,false,""",
    "tier_memberships": """
        customer,starts_on,tier
        C1,2011-01-01,T1
        C2,2011-01-01,T2
        C2,2011-06-15,T1
        C2,2011-09-01,""",
    "lifecycle_events": """
        customer,on,kind
        C1,2010-05-01,joined
        C1,2011-02-01,left
        C1,2011-04-01,returned
        C2,2011-01-01,joined""",
    "kpis": """
        code,name,department,indicator,unit,currency,direction,customer_method,time_method,near_band,near_band_abs,decimals,absent,facts_of,owner,customer_criterion,definition
        repeat_rate,Repeat contacts,support,leading,percent,,lower,ratio,pool,,0.5,1,,,owner@tierboard.example,Solved at once,Contacts about the same thing
        order_value,Order value,sales,leading,currency,GBP,range,mean,mean,,,2,,,,,
        revenue,Net revenue,sales,trailing,currency,,higher,sum,sum,5,,2,,,,,
        revenue_ttm,Revenue of twelve months,sales,trailing,currency,,higher,sum,ttm,,,2,,revenue,,,
        claims,Claims,,trailing,number,,lower,sum,sum,,,0,zero,,,,
        survey,Survey score,,leading,score,,higher,mean,last,,,1,,,,,
        visits,Visits,,leading,number,,higher,distinct,pool,,,0,,,,,""",  # noqa: E501 - a file's header
    "facts": """
        kpi,customer,month,numerator,denominator
        repeat_rate,C1,2011-01,2,4
        repeat_rate,C1,2011-02,2,100
        repeat_rate,C2,2011-01,0,0
        revenue,C1,2011-01,761.74,
        revenue,C 3 | x,2011-01,-12.5,
        revenue,C2,2011-01,,
        claims,C2,2011-02,1,""",
    "complete_months": """
        kpi,month
        claims,2011-01
        claims,2011-02""",
    "tier_actuals": """
        kpi,tier,month,numerator,denominator
        survey,T1,2011-01,84,10
        survey,all,2011-01,150.5,20
        survey,T2,2011-01,,""",
    "targets": """
        kpi,tier,from_month,until_month,per,value,low,high,state,plan_value
        revenue,T1,2011-01,2011-06,month,250,,,,
        revenue,T1,2011-01,,year,3046.96,,,draft,3000
        revenue,all,2011-04,,quarter,760,,,,
        revenue_ttm,T1,2011-01,,year,3000,,,,
        order_value,T2,2011-01,,month,,10,20.5,,""",
    "issues": """
        id,customer,opened_on,solved_on
        I-1,C1,2011-01-03,2011-01-20
        I-2,C1,2011-01-28,
        I 3 ü,C 3 | x,2011-02-01,2011-02-01""",
    "contacts": """
        id,issue,on,channel
        7,I-1,2011-01-03,phone
        30,I-1,2011-01-25,
        007,I-2,2011-02-01,e-mail""",
    "deals": """
        id,customer,closed_on,won,list_value,net_value,hard_price_talks
        D1,C1,2011-01-31,true,1000,899.9999,true
        D2,C2,2011-02-01,false,500,0,
        D3,C2,2011-02-03,true,0,12.5,false""",
    "referrals": """
        id,customer,on
        R1,C2,2011-01-09
        R2,C2,2011-01-09""",
    "invoices": """
        id,customer,issued_on,due_on,amount,paid_on
        2011/1,C1,2011-01-05,2011-02-04,119.95,2011-02-01
        2011/2,C1,2011-01-07,2011-01-01,-19.95,
        2011/3,C2,2011-02-07,2011-03-09,1000000,""",
    "initiatives": """
        code,title,level,business_unit,customer,department,serves,tiers,customer_focused,owner,sponsor,team,loyalty_impact,vendor_choice_impact,effort,cost,spent,currency,baseline_start,baseline_due,started_on,due,finished_on,stage,kpis,theme
        portal,Self-service portal,business_unit,europe,,sales,support,T2;T1,true,omar@tierboard.example,sponsor@tierboard.example,Web crew;zoe@tierboard.example;ann@tierboard.example,4,2,3,120000.5,1000,eur,2011-01-03,2011-06-30,2011-01-10,2011-09-30,,in_progress,repeat_rate@T1;revenue,Waiting
        handover,Handover,key_account,,C1,sales,,,,,,,,,,,,,2011-02-01,2011-05-31,,,,approved,,
        cleaning,Tidy the records,corporate,,,support,,,false,,,Night shift,,,,,,,,,,,,candidate,claims@all,
        billing,Billing,corporate,,,support,,,,,,,5,,1,,,,2010-01-01,2010-12-31,,2010-12-31,2011-01-15,done,,""",  # noqa: E501 - a file's header
    "milestones": """
        initiative,title,due,done_on
        portal,Pilot,2011-03-31,2011-04-02
        portal,Roll-out,2011-06-15,""",
    "status_updates": """
        initiative,on,health,progress,note,author
        portal,2011-02-01,on_schedule,10,Begun,omar@tierboard.example
        portal,2011-04-04,at_risk,40,,Omar@tierboard.example""",
    "links": """
        leading,trailing,sign,lags,mechanism
        repeat_rate,claims,same,0-3,Who has to ask twice complains
        visits,revenue,same,,Who is visited buys""",
    "pain_points": """
        source,department,theme,tier,month,mentions,severity,revenue_at_risk
        survey,support,Waiting,T1,2011-01,12,4,25000
        survey,sales,Prices,all,2011-01,3,2,""",
    "moments": """
        code,name,stage,role,tiers,criterion,kpis,themes,initiatives,customer_win,our_win
        first-order,The first order arrives,starting,user,T2;T1,It is there on the day that you told me,claims;repeat_rate@T1,Waiting;Prices,portal;billing,"My line runs, as planned",They order again
        renewal,The contract ends,Renewing,decision-maker,,,,,,,""",  # noqa: E501 - a file's header
}
ORDER = list(FILES)
# Whose rows those of a kind name.
NAMED: dict[str, set[str]] = {
    "customers": {"business_units"},
    "tier_memberships": {"customers", "tiers"},
    "lifecycle_events": {"customers"},
    "kpis": {"departments"},
    "facts": {"customers", "kpis"},
    "complete_months": {"kpis"},
    "tier_actuals": {"kpis", "tiers"},
    "targets": {"kpis", "tiers"},
    **{kind: {"customers"} for kind in ("issues", "deals", "referrals", "invoices")},
    "contacts": {"issues"},
    "initiatives": {"customers", "kpis", "tiers"},
    "milestones": {"initiatives"},
    "status_updates": {"initiatives"},
    "links": {"kpis"},
    "pain_points": {"departments", "tiers"},
    "moments": {"initiatives", "pain_points"},
}


@pytest.fixture
def load(company: Company, tmp_path: Path) -> Loader:
    """Loads into an empty company."""
    return Loader(tmp_path)


@kept
def company_with_all(company: Company) -> Company:
    """A company that has taken each file in."""
    return _loaded(company, *FILES)


@kept
def ready(company: Company, request: pytest.FixtureRequest) -> str:
    """The kind of file that is asked for; the company has what its rows name."""
    _loaded(company, *sorted(named_by(request.param), key=ORDER.index))
    return str(request.param)


def named_by(kind: str) -> set[str]:
    """The kinds whose rows have to be there before those of this one can be loaded."""
    return {name for one in NAMED.get(kind, ()) for name in (one, *named_by(one))}


@kept
def company_of_books(company: Company) -> Company:
    """The small company of the inputs that failed."""
    with TemporaryDirectory() as folder:
        small_company(Loader(Path(folder)))
    return company


def _loaded(company: Company, *kinds: str) -> Company:
    with TemporaryDirectory() as folder:
        for kind in kinds:
            Loader(Path(folder)).good(kind, FILES[kind])
    return company


@pytest.fixture
def filled(company_with_all: Company, load: Loader) -> Loader:
    """Loads into a company that has taken each file in."""
    return load


@pytest.fixture
def books(company_of_books: Company, load: Loader) -> Loader:
    """Loads into the small company of the inputs that failed."""
    return load
