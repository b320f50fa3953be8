"""Addresses: benefits, and the register's settings."""

from django.urls import URLPattern, path

from initiatives.views import benefit_decisions as decisions
from initiatives.views import benefits, settings

urlpatterns: list[URLPattern] = [
    path("initiatives/benefits/", decisions.benefits, name="benefits"),
    path("initiatives/benefits/decide/", decisions.benefits_decide, name="benefits_decide"),
    path("initiatives/benefits/effect/", decisions.benefits_effect, name="benefits_effect"),
    path("initiatives/benefits/take-back/", decisions.benefit_take_back, name="benefit_take_back"),
    path("initiatives/benefits/<int:number>/withdraw/", benefits.benefit_withdraw, name="benefit_withdraw"),
    path("initiatives/settings/", settings.initiative_settings, name="initiative_settings"),
    path("initiatives/settings/policy/", settings.initiative_policy, name="initiative_policy"),
    path("initiatives/settings/rates/", settings.initiative_rate, name="initiative_rate"),
    path("initiatives/<str:code>/benefits/", benefits.benefit_new, name="benefit_new"),
    path("initiatives/<str:code>/benefits/<int:number>/", benefits.benefit_realise, name="benefit_realise"),
]
