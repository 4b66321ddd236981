"""The billing team's pages, all under a vendor's short name."""

from django.urls import URLPattern, path

from . import bill_runs, catalog, clock, companies, corrections, home, imports, invoices, papers, services, team, waves

app_name = "console"
urlpatterns: list[URLPattern] = [
    path("<slug:vendor>/", home.index, name="home"),
    path("<slug:vendor>/companies/", companies.index, name="companies"),
    path("<slug:vendor>/companies/<uuid:company>/", companies.detail, name="company"),
    path("<slug:vendor>/companies/<uuid:company>/letter/", papers.letter, name="letter"),
    path("<slug:vendor>/companies/<uuid:company>/sample/", papers.sample, name="sample"),
    path("<slug:vendor>/invoices/<uuid:invoice>/", invoices.detail, name="invoice"),
    path("<slug:vendor>/invoices/<uuid:invoice>/pdf/", papers.invoice, name="invoice_pdf"),
    path("<slug:vendor>/companies/<uuid:company>/services/", services.index, name="services"),
    path("<slug:vendor>/companies/<uuid:company>/services/<slug:what>/", services.company_act, name="company_act"),
    path(
        "<slug:vendor>/companies/<uuid:company>/services/<int:subscription>/<slug:what>/",
        services.subscription_act,
        name="subscription_act",
    ),
    path("<slug:vendor>/catalog/", catalog.index, name="catalog"),
    path("<slug:vendor>/catalog/product/", catalog.add_product, name="catalog_product"),
    path("<slug:vendor>/catalog/plan/", catalog.add_plan, name="catalog_plan"),
    path("<slug:vendor>/catalog/<int:plan>/price/", catalog.announce, name="catalog_price"),
    path("<slug:vendor>/invoices/<uuid:invoice>/<slug:what>/", invoices.act, name="invoice_act"),
    path("<slug:vendor>/credit-notes/<uuid:note>/pdf/", papers.credit_note, name="credit_note_pdf"),
    path("<slug:vendor>/corrections/", corrections.index, name="corrections"),
    path("<slug:vendor>/corrections/<int:number>/approve/", corrections.approve, name="correction_approve"),
    path("<slug:vendor>/corrections/<int:number>/refuse/", corrections.refuse, name="correction_refuse"),
    path("<slug:vendor>/corrections/limits/<slug:role>/", corrections.limit, name="correction_limit"),
    path("<slug:vendor>/imports/", imports.index, name="imports"),
    path("<slug:vendor>/imports/<int:number>/", imports.detail, name="import"),
    path("<slug:vendor>/waves/", waves.index, name="waves"),
    path("<slug:vendor>/waves/<int:wave>/", waves.detail, name="wave"),
    path("<slug:vendor>/waves/<int:wave>/add/", waves.add, name="wave_add"),
    path("<slug:vendor>/waves/<int:wave>/add-all/", waves.add_all, name="wave_add_all"),
    path("<slug:vendor>/waves/<int:wave>/take-out/<uuid:company>/", waves.take_out, name="wave_take_out"),
    path("<slug:vendor>/waves/<int:wave>/send/", waves.send, name="wave_send"),
    path("<slug:vendor>/bill-runs/", bill_runs.index, name="bill_runs"),
    path("<slug:vendor>/bill-runs/<int:run>/", bill_runs.detail, name="bill_run"),
    path("<slug:vendor>/bill-runs/<int:run>/approve/", bill_runs.approve, name="bill_run_approve"),
    path("<slug:vendor>/bill-runs/<int:run>/cancel/", bill_runs.cancel, name="bill_run_cancel"),
    path("<slug:vendor>/clock/", clock.index, name="clock"),
    path("<slug:vendor>/team/", team.index, name="team"),
    path("<slug:vendor>/team/<int:member>/end/", team.end, name="team_end"),
]
