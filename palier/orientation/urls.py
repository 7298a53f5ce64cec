from django.urls import path

from palier.orientation import views

app_name = "orientation"
urlpatterns = [path("orienter/", views.advise, name="advise")]
