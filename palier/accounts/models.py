"""People who log in."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower


class UserManager(BaseUserManager["User"]):
    """Creates accounts whose e-mail address, in lower case, is the login."""

    def create_user(self, email: str, name: str, password: str | None = None) -> "User":
        user = self.model(email=email.strip().lower(), name=name)
        user.set_password(password)
        user.save()
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A professional. What they may do comes from their memberships (territory), never from this row."""

    email = models.EmailField("adresse électronique", unique=True)
    name = models.CharField("nom", max_length=120)
    is_active = models.BooleanField("actif", default=True)
    # True for accounts of the demonstration: their passwords are known, so production refuses to start beside them.
    demo = models.BooleanField("compte de démonstration", default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="user_email_once"),)

    def __str__(self) -> str:
        return self.name
