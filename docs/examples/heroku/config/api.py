"""The points of the compass."""

from rest_framework.decorators import api_view
from rest_framework.response import Response

POINTS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"]


@api_view()
def points(request):
    """Degrees from north, clockwise."""
    return Response({name: 45 * number for number, name in enumerate(POINTS)})
