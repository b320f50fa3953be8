"""Addresses: the register, and one initiative; a code comes last, after the words that it cannot be."""

from django.urls import URLPattern, path

from initiatives.views import initiative, milestones, register, saved

urlpatterns: list[URLPattern] = [
    path("initiatives/", register.initiatives, name="initiatives"),
    path("initiatives/board/", register.board, name="initiatives_board"),
    path("initiatives/timeline/", register.timeline_page, name="initiatives_timeline"),
    path("initiatives/timeline/chart.json", register.timeline_chart, name="initiatives_timeline_chart"),
    path("initiatives/export/<str:form>/", register.export, name="initiatives_export"),
    path("initiatives/views/", saved.save, name="save_view"),
    path("initiatives/views/<int:number>/delete/", saved.delete, name="delete_view"),
    path("initiatives/new/", initiative.new, name="initiative_new"),
    path("initiatives/<str:code>/", initiative.initiative, name="initiative"),
    path("initiatives/<str:code>/edit/", initiative.edit, name="initiative_edit"),
    path("initiatives/<str:code>/stage/", initiative.stage, name="initiative_stage"),
    path("initiatives/<str:code>/milestones/", milestones.add, name="milestone_add"),
    path("initiatives/<str:code>/milestones/<int:number>/", milestones.milestone, name="milestone"),
    path("initiatives/<str:code>/documents/", milestones.link, name="document_add"),
    path("initiatives/<str:code>/documents/<int:number>/", milestones.unlink, name="document_remove"),
]
