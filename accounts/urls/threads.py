"""Addresses of questions and actions."""

from django.urls import path

from accounts.views import threads as views

urlpatterns = [
    path("asks/answer/<int:number>/", views.thread_answer, name="thread_answer"),
    path("asks/again/<int:number>/", views.thread_reopen, name="thread_reopen"),
    path("asks/actions/<int:number>/", views.action_tick, name="action_tick"),
    path("asks/<str:kind>/<path:key>/", views.asks, name="asks"),
]
