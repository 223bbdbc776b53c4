"""The admin: lighthouses, and Django's users and groups in the theme's dress."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from tinymce.models import HTMLField
from tinymce.widgets import TinyMCE
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from lights.models import Lighthouse

admin.site.unregister([Group, User])


@admin.register(Lighthouse)
class LighthouseAdmin(ModelAdmin):
    """The list reads like a chart's margin; the form has TinyMCE for the story."""

    list_display = ["name", "place", "lit", "height", "character"]
    search_fields = ["name", "place"]
    formfield_overrides = {HTMLField: {"widget": TinyMCE}}
    fieldsets = [
        (None, {"fields": ["name", "place", "lit", "height"]}),
        ("The light", {"fields": ["flashes", "period"]}),
        ("The story", {"fields": ["story"]}),
    ]


@admin.register(User)
class ThemedUserAdmin(UserAdmin, ModelAdmin):
    """Django's user admin with the theme's forms."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm


@admin.register(Group)
class ThemedGroupAdmin(GroupAdmin, ModelAdmin):
    """Django's group admin in the theme."""
