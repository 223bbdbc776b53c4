"""The pages: home, what servestatic did, the admin, the browsable API and its documentation."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.routers import DefaultRouter

from lights.api import LighthouseViewSet
from lights.views import favicon, home, report, served

router = DefaultRouter()
router.register("lighthouses", LighthouseViewSet)

urlpatterns = [
    path("", home, name="home"),
    path("favicon.ico", favicon),
    path("served/", served, name="served"),
    path("served/report/", report, name="report"),
    path("admin/", admin.site.urls),
    path("api/", include(router.urls)),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(), name="docs"),
]
