"""The addresses of initiatives: fixed words first, an initiative's code last."""

from initiatives.urls import benefits, board, owner, register

urlpatterns = [*board.urlpatterns, *benefits.urlpatterns, *owner.urlpatterns, *register.urlpatterns]
