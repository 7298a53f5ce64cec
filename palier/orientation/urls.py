from django.urls import URLPattern, URLResolver

app_name = "orientation"
urlpatterns: list[URLPattern | URLResolver] = []
