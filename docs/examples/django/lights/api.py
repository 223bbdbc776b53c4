"""The API: everybody reads, the admin user writes."""

from rest_framework.serializers import ModelSerializer
from rest_framework.viewsets import ModelViewSet

from lights.models import Lighthouse


class LighthouseSerializer(ModelSerializer):
    """A lighthouse with its chart character."""

    class Meta:
        model = Lighthouse
        fields = ["id", "name", "place", "lit", "height", "flashes", "period", "character", "story"]


class LighthouseViewSet(ModelViewSet):
    """Lighthouses, the oldest first."""

    queryset = Lighthouse.objects.all()
    serializer_class = LighthouseSerializer
