"""A page, the admin, and an API that browsers can read."""

from django.contrib import admin
from django.urls import path
from django.views.generic import TemplateView

from config.api import points

urlpatterns = [
    path("", TemplateView.as_view(template_name="home.html"), name="home"),
    path("admin/", admin.site.urls),
    path("api/", points),
]
