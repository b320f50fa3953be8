"""The scorecard's pages."""

from django.urls import include, path, register_converter

from core.converters import KeyConverter
from scorecard.views import (
    approvals,
    comparing,
    customer,
    customers,
    editions,
    growth,
    help,
    lifecycle,
    merging,
    my,
    narratives,
    removing,
    retiering,
    search,
    tiers,
    value,
)
from scorecard.views import cells as views


class CustomerKey(KeyConverter):
    """A customer's external id; the words are pages beside customers, those that are still to come among them."""

    words = frozenset(
        {"new", "export", "views", "merges", "warnings", "tiers", "moves", "value", "lifecycle", "retiering"}
    )


register_converter(CustomerKey, "customer")

_CUSTOMER = "customers/<customer:external_id>/"
_CELL = "matrix/<str:period>/<str:kpi>/<str:tier>/"

urlpatterns = [
    path("", views.home, name="home"),
    path("help/", help.help_, name="help"),
    path("help/<str:place>/", help.place, name="help_place"),
    path("matrix/<str:period>/", views.matrix, name="matrix"),
    path("matrix/<str:period>/chart.json", views.matrix_chart, name="matrix_chart"),
    path(_CELL, views.cell, name="cell"),
    path(f"{_CELL}chart.json", views.cell_chart, name="cell_chart"),
    path(f"{_CELL}split/", views.cell_split, name="cell_split"),
    path(f"{_CELL}split/chart.json", views.cell_split_chart, name="cell_split_chart"),
    path(f"{_CELL}difference/", views.cell_difference, name="cell_difference"),
    path(f"{_CELL}narrative/", narratives.cell_narrative, name="cell_narrative"),
    path(f"{_CELL}remarks/", narratives.cell_remark, name="cell_remark"),
    path("narratives/<int:number>/tick/", narratives.narrative_tick, name="narrative_tick"),
    path("remarks/<int:number>/take-back/", narratives.remark_take_back, name="remark_take_back"),
    path("scorecards/", editions.scorecards, name="scorecards"),
    path("scorecards/<str:period>/", editions.scorecard, name="scorecard"),
    path("scorecards/<str:period>/waive/", editions.scorecard_waive, name="scorecard_waive"),
    path("scorecards/<str:period>/waivers/<int:number>/", editions.scorecard_unwaive, name="scorecard_unwaive"),
    path("scorecards/<str:period>/prepare/", editions.scorecard_prepare, name="scorecard_prepare"),
    path("scorecards/<str:period>/withdraw/", editions.scorecard_withdraw, name="scorecard_withdraw"),
    path("scorecards/<str:period>/refuse/", editions.scorecard_refuse, name="scorecard_refuse"),
    path("scorecards/<str:period>/compare/", comparing.scorecard_compare, name="scorecard_compare"),
    path("scorecards/<str:period>/sign/", editions.scorecard_sign, name="scorecard_sign"),
    path("growth/", growth.growth, name="growth"),
    path("growth/chart.json", growth.growth_chart, name="growth_chart"),
    path("growth/customers/", growth.growth_customers, name="growth_customers"),
    path("growth/value/", value.growth_value, name="growth_value"),
    path("growth/value/chart.json", value.growth_value_chart, name="growth_value_chart"),
    path("growth/value/export/<str:form>/", value.growth_value_export, name="growth_value_export"),
    path("growth/value/kpis/", value.growth_value_kpis, name="growth_value_kpis"),
    path("growth/export/<str:form>/", growth.growth_export, name="growth_export"),
    path("customers/tiers/", tiers.tiers, name="tiers"),
    path("customers/tiers/<str:code>/", tiers.tier, name="tier"),
    path("customers/tiers/<str:code>/retire/", tiers.retire, name="tier_retire"),
    path("customers/tiers/<str:code>/bring-back/", tiers.bring_back, name="tier_bring_back"),
    path("customers/lifecycle/", lifecycle.lifecycle, name="lifecycle"),
    path("customers/lifecycle/take-back/", lifecycle.take_back, name="lifecycle_take_back"),
    path("customers/retiering/", retiering.retiering, name="retiering"),
    path("customers/retiering/matrix/", retiering.matrix, name="retiering_matrix"),
    path("customers/retiering/apply/", retiering.apply, name="retiering_apply"),
    path("customers/retiering/undo/", retiering.undo, name="retiering_undo"),
    path("customers/retiering/export/<str:form>/", retiering.export, name="retiering_export"),
    path("approvals/", approvals.approvals, name="approvals"),
    path("approvals/decide/", approvals.approvals_decide, name="approvals_decide"),
    path("approvals/effect/", approvals.approvals_effect, name="approvals_effect"),
    path("approvals/take-back/", approvals.approvals_take_back, name="approvals_take_back"),
    path("approvals/withdraw/", approvals.approvals_withdraw, name="approvals_withdraw"),
    path("my/", my.my, name="my"),
    path("my/reminders/", my.reminder_time, name="my_reminders"),
    path("search/", search.search, name="search"),
    path("search/results/", search.search_results, name="search_results"),
    path("facts/", views.facts, name="facts"),
    path("customers/", customers.customers, name="customers"),
    path("customers/new/", customers.customer_new, name="customer_new"),
    path("customers/export/<str:form>/", customers.customers_export, name="customers_export"),
    path("customers/views/", customers.customers_view, name="customers_view"),
    path("customers/views/<int:number>/delete/", customers.customers_view_delete, name="customers_view_delete"),
    path("customers/merges/<int:number>/undo/", merging.merge_undo, name="merge_undo"),
    path(_CUSTOMER, customer.customer, name="customer"),
    path(f"{_CUSTOMER}effect/", customer.customer_effect, name="customer_effect"),
    path(f"{_CUSTOMER}edit/", customer.customer_edit, name="customer_edit"),
    path(f"{_CUSTOMER}move/", customer.customer_move, name="customer_move"),
    path(f"{_CUSTOMER}events/", customer.customer_event, name="customer_event"),
    path(f"{_CUSTOMER}take-out/<str:what>/<int:number>/", customer.customer_take_out, name="customer_take_out"),
    path(f"{_CUSTOMER}retire/", customer.customer_retire, name="customer_retire"),
    path(f"{_CUSTOMER}bring-back/", customer.customer_bring_back, name="customer_bring_back"),
    path(f"{_CUSTOMER}delete/", customer.customer_delete, name="customer_delete"),
    path(f"{_CUSTOMER}merge/", merging.customer_merge, name="customer_merge"),
    path("facts/delete/", removing.delete_facts, name="facts_delete"),
    path("imports/", include("accounts.urls.imports")),
    path("rollups/", views.rollups, name="rollups"),
    path("rollups/<int:number>/", views.rollup, name="rollup"),
    path("rollups/now/", views.roll_up, name="roll_up"),
]
