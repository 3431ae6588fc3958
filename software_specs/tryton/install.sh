#!/bin/sh
# Root, once, while the image is built: the server's configuration, the web client's folder, the browser's
# policies, and a template database of a small trading company.
set -eu

mkdir -p /opt/tryton/www /srv

# The web client is Debian's, as it is; sao itself asks for custom.js and custom.css beside its index.html.
for entry in /usr/share/tryton-sao/www/*; do
    ln -sfn "$entry" "/opt/tryton/www/${entry##*/}"
done

# Two changes: the window is called Tryton only when the menu stands, and nothing moves that need not.
rm /opt/tryton/www/index.html
sed 's#<title>Tryton</title>#<title>Starting</title>#' /usr/share/tryton-sao/www/index.html >/opt/tryton/www/index.html
cat >/opt/tryton/www/custom.js <<'JS'
// A desk that is already logged in: sao looks for its session here before it would ask for a password.
localStorage.setItem('sao_session_demo', JSON.stringify(
    {login: 'anna', user_id: __USER__, session: '5ao5e551000000000000000000000000'}));
Sao.config.title = 'Starting';
jQuery.fx.off = true;
jQuery(function() {
    jQuery.support.transition = false;
    var menu = document.getElementById('menu');
    new MutationObserver(function(changes, observer) {
        if (menu.querySelector('tbody tr')) {
            observer.disconnect();
            Sao.config.title = 'Tryton';
            Sao.set_title();
        }
    }).observe(menu, {childList: true, subtree: true});
});
// sao looks things up 300 ms after a keystroke, so as to spare a far server; this one is near.
var later = window.setTimeout;
window.setTimeout = function(callback, delay, ...values) {
    return later(callback, delay == 300 ? 20 : delay, ...values);
};
// The desk has this one window: no second one, and no closing, printing or saving of the page.
window.open = function() { return null; };
document.addEventListener('click', function(event) {
    if (event.target.closest && event.target.closest('a[target=_blank]')) {
        event.preventDefault();
    }
}, true);
document.addEventListener('keydown', function(event) {
    var key = event.key.toLowerCase();
    if ((event.ctrlKey && !event.altKey && 'dhjnoptuw'.includes(key)) || ['f1', 'f7', 'f11'].includes(key) ||
        (event.shiftKey && key == 'escape') || (event.ctrlKey && event.shiftKey && key == 'delete')) {
        event.preventDefault();
    }
}, true);
JS
cat >/opt/tryton/www/custom.css <<'CSS'
#user-logout { display: none; }
*, *::before, *::after { transition: none !important; animation: none !important; }
CSS

cat >/opt/tryton/trytond.conf <<'CONF'
[database]
uri = sqlite://
path = /srv/tryton
list = False

[web]
listen = 127.0.0.1:8000
root = /opt/tryton/www

[session]
max_age = 3000000000
timeout = 3000000000

[cache]
# One process, nothing to synchronise; and with SQLite a synchronisation leaves its transaction in autocommit.
clean_timeout = 3000000000
CONF

mkdir -p /etc/chromium/policies/managed
cat >/etc/chromium/policies/managed/desk.json <<'JSON'
{
  "URLBlocklist": ["*", "chrome://*", "devtools://*", "view-source:*"],
  "URLAllowlist": ["http://127.0.0.1:8000"],
  "DeveloperToolsAvailability": 1,
  "DownloadRestrictions": 3,
  "AllowFileSelectionDialogs": false,
  "IncognitoModeAvailability": 1,
  "BrowserAddPersonEnabled": false,
  "BrowserGuestModeEnabled": false,
  "PrintingEnabled": false,
  "PasswordManagerEnabled": false,
  "AutofillAddressEnabled": false,
  "AutofillCreditCardEnabled": false,
  "TranslateEnabled": false,
  "SpellcheckEnabled": false,
  "DefaultNotificationsSetting": 2,
  "DefaultPopupsSetting": 2,
  "MetricsReportingEnabled": false,
  "BrowserSignin": 0,
  "SyncDisabled": true,
  "PromotionsEnabled": false,
  "BackgroundModeEnabled": false,
  "ComponentUpdatesEnabled": false,
  "SearchSuggestEnabled": false,
  "DefaultBrowserSettingEnabled": false,
  "HardwareAccelerationModeEnabled": false
}
JSON

mkdir -p /srv/tryton
: >/srv/tryton/demo.sqlite
# The passwords are nobody's: the desk is logged in by its session.
head -c 24 /dev/urandom | base64 >/tmp/password
TRYTONPASSFILE=/tmp/password trytond-admin -c /opt/tryton/trytond.conf -d demo \
    -u sale purchase stock account_invoice sale_discount --activate-dependencies \
    --email office@example.com -l en </dev/null
rm /tmp/password

python3 - <<'PY'
"""Fill the template: one company with its accounts, terms, customers, suppliers, goods and a user."""

import datetime
import sqlite3
from decimal import Decimal

from proteus import Model, config

config = config.set_trytond("demo", config_file="/opt/tryton/trytond.conf")

from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, create_tax, get_accounts  # noqa: E402
from trytond.modules.account_invoice.tests.tools import set_fiscalyear_invoice_sequences  # noqa: E402
from trytond.modules.company.tests.tools import create_company, get_company  # noqa: E402


def new(model, **values):
    record = Model.get(model)()
    for name, value in values.items():
        setattr(record, name, value)
    record.save()
    return record


def one(model, **values):
    (record,) = Model.get(model).find([(name, "=", value) for name, value in values.items()], limit=1)
    return record


# ----------------------------------------------------------------------------------------- places and money
countries = {}
for code, code3, name in [
    ("US", "USA", "United States"), ("CA", "CAN", "Canada"), ("GB", "GBR", "United Kingdom"),
    ("IE", "IRL", "Ireland"), ("FR", "FRA", "France"), ("DE", "DEU", "Germany"), ("NL", "NLD", "Netherlands"),
    ("BE", "BEL", "Belgium"), ("ES", "ESP", "Spain"), ("IT", "ITA", "Italy"), ("SE", "SWE", "Sweden"),
    ("CH", "CHE", "Switzerland"), ("AT", "AUT", "Austria"), ("PT", "PRT", "Portugal"),
]:
    countries[name] = new("country.country", name=name, code=code, code3=code3)

dollar = new("currency.currency", name="US Dollar", symbol="$", code="USD", numeric_code="840",
             rounding=Decimal("0.01"), digits=2)
rate = dollar.rates.new()
rate.date, rate.rate = datetime.date(2000, 1, 1), Decimal(1)
dollar.save()

own = new("party.party", name="Alder & Finch Supply")
own.addresses[0].street, own.addresses[0].city = "12 Harbour Road", "Portland"
own.addresses[0].postal_code, own.addresses[0].country = "04101", countries["United States"]
own.save()
create_company(own, dollar)
company = get_company()

# --------------------------------------------------------------------------------------------------- accounts
for year in range(2023, 2033):
    fiscalyear = create_fiscalyear(company, (datetime.date(year, 1, 1), datetime.date(year, 12, 31)))
    fiscalyear.name = str(year)
    fiscalyear.start_date, fiscalyear.end_date = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    set_fiscalyear_invoice_sequences(fiscalyear).click("create_period")
create_chart(company)
accounts = get_accounts(company)

Term = Model.get("account.invoice.payment_term")
for name, days, last in [
    ("Due on receipt", 0, False), ("Net 10 days", 10, False), ("Net 15 days", 15, False), ("Net 30 days", 30, False),
    ("Net 30 days, end of month", 30, True), ("Net 45 days", 45, False), ("Net 60 days", 60, False),
]:
    term = Term(name=name)
    line = term.lines.new(type="remainder")
    delta = line.relativedeltas[0] if line.relativedeltas else line.relativedeltas.new()
    delta.days = days
    if last:
        delta.day = 31
    term.save()

# ------------------------------------------------------------------------------------------------------ goods
category = Model.get("product.category")(name="Goods for resale", accounting=True)
category.account_expense, category.account_revenue = accounts["expense"], accounts["revenue"]
category.save()
groups = {name: new("product.category", name=name) for name in ("Lighting", "Furniture", "Paper", "Writing", "Storage")}
unit = one("product.uom", name="Unit")

GOODS = [  # name, code, group, list price, cost
    ("Desk lamp, brass", "LMP-110", "Lighting", "48.00", "26.50"),
    ("Desk lamp, chrome", "LMP-120", "Lighting", "44.50", "23.80"),
    ("Floor lamp, brass", "LMP-210", "Lighting", "119.00", "71.00"),
    ("Clip lamp, white", "LMP-310", "Lighting", "22.90", "11.40"),
    ("Office chair, blue", "CHR-101", "Furniture", "189.00", "112.00"),
    ("Office chair, black", "CHR-102", "Furniture", "189.00", "112.00"),
    ("Visitor chair, oak", "CHR-201", "Furniture", "94.00", "55.00"),
    ("Standing desk 120 cm", "DSK-120", "Furniture", "415.00", "268.00"),
    ("Standing desk 160 cm", "DSK-160", "Furniture", "498.00", "322.00"),
    ("Copy paper A4", "PAP-400", "Paper", "5.40", "3.10"),
    ("Copy paper A3", "PAP-300", "Paper", "10.80", "6.60"),
    ("Kraft envelope C5", "PAP-520", "Paper", "0.18", "0.07"),
    ("Fountain pen, fine", "PEN-010", "Writing", "36.00", "19.20"),
    ("Fountain pen, medium", "PEN-020", "Writing", "36.00", "19.20"),
    ("Gel pen, black", "PEN-110", "Writing", "1.90", "0.80"),
    ("Archive box, large", "BOX-300", "Storage", "7.25", "3.90"),
    ("Archive box, small", "BOX-100", "Storage", "4.75", "2.30"),
    ("Filing cabinet, 3 drawers", "CAB-003", "Storage", "229.00", "141.00"),
]
products = {}
for name, code, group, price, cost in GOODS:
    template = Model.get("product.template")(name=name)
    template.default_uom, template.type = unit, "goods"
    template.code = code
    template.list_price = Decimal(price)
    template.salable = template.purchasable = True
    template.account_category = category
    template.categories.append(Model.get("product.category")(groups[group].id))
    template.save()
    product = template.products[0]
    product.cost_price = Decimal(cost)
    product.save()
    products[name] = product

inventory = Model.get("stock.inventory")()
inventory.location = one("stock.location", code="STO")
inventory.date = datetime.date(2025, 1, 2)
for number, product in enumerate(products.values()):
    line = inventory.lines.new()
    line.product, line.quantity = product, 40 + 35 * (number % 5)
inventory.click("confirm")

# ---------------------------------------------------------------------------------------------------- parties
PARTIES = [  # name, street, postal code, city, country, customer's term, supplier's term
    ("Bluebird Bakery", "4 Mill Lane", "97201", "Portland", "United States", "Net 30 days", None),
    ("Bluebird Bistro", "18 Quay Street", "02110", "Boston", "United States", "Net 15 days", None),
    ("Cedar Grove Clinic", "230 Cedar Avenue", "55401", "Minneapolis", "United States", "Net 30 days", None),
    ("Cedar Hill School", "7 Hilltop Road", "05401", "Burlington", "United States", "Net 60 days", None),
    ("Delta Print Shop", "95 Delta Street", "70112", "New Orleans", "United States", "Net 15 days", None),
    ("Elmwood Library", "1 Elmwood Square", "M5V 2T6", "Toronto", "Canada", "Net 30 days", None),
    ("Fairview Dental", "61 Fairview Drive", "98101", "Seattle", "United States", "Net 10 days", None),
    ("Harbor Light Hotel", "3 Pier Road", "04102", "Portland", "United States", "Net 30 days, end of month", None),
    ("Harbor View Hostel", "44 Bay Street", "94111", "San Francisco", "United States", "Due on receipt", None),
    ("Juniper Law Group", "500 Juniper Street", "30308", "Atlanta", "United States", "Net 45 days", None),
    ("Kestrel Analytics", "12 Foundry Row", "EH1 1AA", "Edinburgh", "United Kingdom", "Net 30 days", None),
    ("Maple Street Books", "29 Maple Street", "48104", "Ann Arbor", "United States", "Net 15 days", None),
    ("Northgate Veterinary", "8 Northgate", "D02 X285", "Dublin", "Ireland", "Net 30 days", None),
    ("Oakfield Museum", "17 Oakfield Park", "1071", "Amsterdam", "Netherlands", "Net 60 days", None),
    ("Brightwell Lighting", "77 Foundry Street", "44114", "Cleveland", "United States", None, "Net 30 days"),
    ("Hartmann Office Furniture", "Industriestr. 9", "70565", "Stuttgart", "Germany", None, "Net 60 days"),
    ("Paperworks Wholesale", "310 Mill Road", "54301", "Green Bay", "United States", None, "Net 30 days"),
    ("Quill & Nib Importers", "5 Via Roma", "10123", "Turin", "Italy", None, "Net 45 days"),
    ("Stackwell Storage", "1400 Depot Road", "43215", "Columbus", "United States", None, "Net 15 days"),
]
for name, street, code, city, country, customer, supplier in PARTIES:
    party = Model.get("party.party")(name=name)
    address = party.addresses[0]
    address.street, address.postal_code, address.city, address.country = street, code, city, countries[country]
    if customer:
        party.customer_payment_term = one("account.invoice.payment_term", name=customer)
    if supplier:
        party.supplier_payment_term = one("account.invoice.payment_term", name=supplier)
    party.save()

# -------------------------------------------------------------------------------------------------------- user
clerk = new("party.party", name="Anna Berg")
employee = new("company.employee", party=clerk)
Group = Model.get("res.group")
user = Model.get("res.user")(name="Anna Berg", login="anna", email="anna@example.com")
user.companies.append(Model.get("company.company")(company.id))
user.company = company
user.employees.append(Model.get("company.employee")(employee.id))
user.employee = Model.get("company.employee")(employee.id)
user.language = one("ir.lang", code="en")
for name in ("Sales", "Purchase", "Stock", "Stock Force Assignment", "Account", "Party Administration",
             "Product Administration", "Account Product Administration"):
    user.groups.append(Group(one("res.group", name=name).id))
user.save()

database = sqlite3.connect("/srv/tryton/demo.sqlite")
database.execute(
    "INSERT INTO ir_session (key, create_uid, create_date) VALUES (?, ?, ?)",
    ("5ao5e551000000000000000000000000", user.id, "2025-01-02 08:00:00"),
)
# No clock of ours: the scheduler would only write rows that nobody asked for.
database.execute("UPDATE ir_cron SET active = 0")
database.commit()
database.execute("VACUUM")
database.execute("PRAGMA journal_mode = DELETE")
database.close()

page = "/opt/tryton/www/custom.js"
text = open(page).read().replace("__USER__", str(user.id))
open(page, "w").write(text)
PY

mv /srv/tryton/demo.sqlite /opt/tryton/demo.sqlite
rm -rf /srv/tryton
chmod -R a+rX,go-w /opt/tryton
