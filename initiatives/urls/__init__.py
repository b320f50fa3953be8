"""The addresses of initiatives: fixed words first, an initiative's code last."""

from initiatives.urls import approvals, benefits, board, moments, owner, register

urlpatterns = [
    *approvals.urlpatterns,
    *board.urlpatterns,
    *benefits.urlpatterns,
    *moments.urlpatterns,
    *owner.urlpatterns,
    *register.urlpatterns,
]
