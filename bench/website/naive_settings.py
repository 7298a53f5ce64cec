"""Settings of the naive site: the same database and server, nothing between the request and the view."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.website.naive"
# Asked by an application that is installed; it does nothing here.
MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware"]
_PAGE = "<!doctype html><title>{{ object.pk }}</title>"
_LINKS = "{{ page_obj.number }} / {{ page_obj.paginator.num_pages }}, {{ page_obj.paginator.count }}"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.locmem.Loader",
                    {
                        "list.html": f"{_PAGE}<ul>{{% for d in object_list %}}<li><a href='/{{{{ d.pk }}}}/'>"
                        "{{ d.household.label }}</a> {{ d.place.name }} {{ d.place.organisation.name }} {{ d.nud }} "
                        "{{ d.filed_on }} {{ d.declared }}{% for m in d.household.members.all %} {{ m.person }}"
                        f"{{% endfor %}}</li>{{% endfor %}}</ul>{_LINKS}",
                        "detail.html": f"{_PAGE}<h1>{{{{ object.household.label }}}}</h1>{{{{ object.place.name }}}}"
                        "{% for m in object.household.members.all %}{{ m.person }}{% endfor %}"
                        "{% for s in object.snapshots.all %}{% for k, v in s.content.items %}<h2>{{ k }}</h2>"
                        "{% for a, b in v.items %}<p>{{ a }} {{ b }}</p>{% endfor %}{% endfor %}{% endfor %}"
                        "{% for s in object.scores.all %}{{ s.declared }}"
                        "{% for line in s.data.lines %}<p>{{ line }}</p>{% endfor %}{% endfor %}",
                        "search.html": f"{_PAGE}{{% for p in object_list %}}<p>{{{{ p }}}} {{{{ p.birth_date }}}}"
                        "{% for m in p.memberships.all %} {{ m.household.label }} {{ m.household.place.name }}"
                        f"{{% endfor %}}</p>{{% endfor %}}{_LINKS}",
                        "new.html": f"{_PAGE}<form method='post'>{{{{ form.as_p }}}}</form>",
                    },
                )
            ],
        },
    }
]
