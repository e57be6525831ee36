from django.urls import path

from sessions.api import courses

urlpatterns = [
    path("courses/", courses.CoursesView.as_view(), name="courses"),
    path("courses/<uuid:course_id>/", courses.CourseView.as_view(), name="course"),
    path("courses/<uuid:course_id>/change/", courses.ChangeCourseView.as_view(), name="change-course"),
]
