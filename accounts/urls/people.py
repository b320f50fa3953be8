"""Addresses of people, and of one's own account."""

from django.urls import path

from accounts.views import erasing, invitations, people, profile

urlpatterns = [
    path("people/", people.people, name="people"),
    path("people/invite/", invitations.invite, name="people_invite"),
    path("people/<int:number>/", people.person, name="person"),
    path("people/<int:number>/roles/", people.roles, name="person_roles"),
    path("people/<int:number>/invite/", invitations.invite_again, name="person_invite"),
    path("people/<int:number>/revoke/", invitations.revoke, name="person_revoke"),
    path("people/<int:number>/deactivate/", people.leave, name="person_deactivate"),
    path("people/<int:number>/activate/", people.come_back, name="person_activate"),
    path("people/<int:number>/erase/", erasing.erase, name="person_erase"),
    path("people/<int:number>/texts/", erasing.texts, name="person_texts"),
    path("profile/", profile.profile, name="profile"),
    path("profile/mail/", profile.mail, name="profile_mail"),
    path("profile/sessions/", profile.sessions, name="profile_sessions"),
    path("profile/tokens/", profile.token_new, name="profile_token"),
    path("profile/tokens/<int:number>/revoke/", profile.token_revoke, name="profile_token_revoke"),
    path("accounts/invitation/<str:token>/", invitations.take, name="invitation"),
]
