"""Reference F's one endpoint."""

from django.urls import path
from rest_framework import generics, serializers

from benchmarks.reference.models import Reading


class ReadingSerializer(serializers.ModelSerializer[Reading]):
    class Meta:
        model = Reading
        fields = "__all__"


class ReadingList(generics.ListCreateAPIView[Reading]):
    queryset = Reading.objects.all()
    serializer_class = ReadingSerializer


urlpatterns = [path("api/v1/readings/", ReadingList.as_view())]
