"""Addresses of this room."""

from django.urls import path

from . import callbacks, items, overview, paths, sessions

urlpatterns = [
    path("meetings/<int:pk>/session/", sessions.session, name="session"),
    path("meetings/<int:pk>/session/projects/", sessions.projects, name="session_projects"),
    path("meetings/<int:pk>/session/arrange/", sessions.arrange, name="session_arrange"),
    path("meetings/<int:pk>/session/better/", sessions.better, name="session_better"),
    path("meetings/<int:pk>/session/ask/", sessions.ask, name="session_ask"),
    path("meetings/<int:pk>/session/paper/", sessions.paper, name="session_paper"),
    path("subjects/<str:code>/path/", paths.path, name="path"),
    path("subjects/<str:code>/path/facts/", paths.facts, name="path_facts"),
    path("subjects/<str:code>/path/paper/", paths.paper, name="path_paper"),
    path("subjects/<str:code>/path/<str:name>/", items.item, name="path_item"),
    path("subjects/<str:code>/path/<str:name>/suppose/", items.suppose, name="path_suppose"),
    path("subjects/<str:code>/path/<str:name>/record/<int:step>/", items.record, name="path_record"),
    path("subjects/<str:code>/path/<str:name>/record/<int:step>/<str:what>/", items.record, name="path_record_own"),
    path("counselling/questions/<int:pk>/answer/", sessions.answer, name="question_answer"),
    path("counselling/questions/<int:pk>/keep/", callbacks.publish, name="question_keep"),
    path("counselling/knowledge/", callbacks.knowledge, name="knowledge"),
    path("counselling/knowledge/<int:pk>/outdate/", callbacks.outdate, name="knowledge_outdate"),
    path("counselling/revisits/", callbacks.revisits, name="revisits"),
    path("counselling/revisits/<int:pk>/<int:after>/", callbacks.revisit, name="revisit"),
    path("counselling/waits/", overview.waits, name="counselling_waits"),
    path("counselling/queues/", overview.queues, name="counselling_queues"),
    path("counselling/together/", overview.together_page, name="together"),
    path("counselling/searches/<int:pk>/", overview.search, name="search_state"),
    path("counselling/catalogue/", overview.catalogue, name="counselling_catalogue"),
    path("counselling/exchange/", overview.exchange_page, name="counselling_exchange"),
    path("counselling/exchange/file/", overview.exchange_file, name="counselling_exchange_file"),
    path("m/counselling/", overview.overview, name="counselling"),
]
