"""What analysts and operators do with the page, in a real browser."""

import json

import httpx
import pytest

from churnlab.lists import Lists

LIST = "/app/studies/shop"
CUSTOMER = f"{LIST}/customer?id=C0005"
PAGES = ("/app/sign-in", LIST, CUSTOMER, f"{LIST}/model", f"{LIST}/drift", f"{LIST}/nothing")
PHONE = {"width": 360, "height": 740}
pytestmark = pytest.mark.slow


def predicted(service, row):
    """Return what programs are told of a row."""
    headers = {"X-API-Key": service.keys["analyst"]}
    body = {"rows": [row]}
    answer = httpx.post(
        f"{service.url}/v1/shop/predict", json=body, headers=headers, timeout=60
    ).json()
    return answer["predictions"][0]["p"]


def inputs(service, customer="C0005"):
    lists = Lists(service.home / "lists")
    rows = lists.read("shop", lists.latest("shop")).to_pylist()
    return json.loads(next(row["inputs"] for row in rows if row["id"] == customer))


def test_an_analyst_filters_the_list_and_opens_a_customer(open_page):
    page = open_page()
    page.get_by_label("Risk group", exact=True).select_option("high")
    page.get_by_label("Id or reason contains").fill("c00")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**group=high**")
    rows = page.locator("table.list tbody tr")
    assert rows.count() > 0
    assert set(rows.locator(".badge").all_inner_texts()) == {"High"}
    link = rows.first.get_by_role("link")
    name = link.inner_text()
    link.click()
    page.wait_for_url("**/customer?id=C00*")
    assert page.get_by_role("heading", level=1).inner_text() == name
    assert page.wrong == []


def test_sliding_changes_the_probability_to_what_programs_are_told(open_page, service):
    page = open_page()
    page.goto(CUSTOMER)
    own = inputs(service)
    shown = page.locator('[data-out="p"]')
    before = page.locator("section[aria-labelledby=now] .big .number").inner_text()
    slider = page.get_by_label("Calls to the service, slider")
    slider.focus()
    for _ in range(4):
        slider.press("ArrowRight")
    page.get_by_label("Plan", exact=True).select_option("plus")
    calls = own["calls"] + 4
    assert page.get_by_label("Calls to the service", exact=True).input_value() == str(calls)
    expected = predicted(service, {**own, "calls": calls, "plan": "plus"})
    page.wait_for_function(
        "text => document.querySelector('[data-out=p]').textContent === text",
        arg=f"{100 * expected:.1f}%",
    )
    assert page.locator("section[aria-labelledby=now] .big .number").inner_text() == before
    assert shown.inner_text() in page.locator("#what-if-status").inner_text()
    point = float(page.locator("#result .point").get_attribute("x"))
    assert point == pytest.approx(100 * expected - 0.6, abs=0.1)
    assert page.wrong == []


def test_a_value_that_is_not_allowed_is_told_while_typing_and_the_last_answer_stays(open_page):
    page = open_page()
    page.goto(CUSTOMER)
    before = page.locator('[data-out="p"]').inner_text()
    page.get_by_label("Calls to the service", exact=True).fill("99")
    page.get_by_text("Calls to the service: a whole number from 0 to 50 is needed.").wait_for()
    assert page.locator('[data-out="p"]').inner_text() == before
    page.get_by_label("Calls to the service", exact=True).fill("9")
    page.locator("#what-if-wrong").wait_for(state="hidden")


def test_a_session_that_has_ended_leads_to_the_sign_in_and_back(open_page, service):
    page = open_page()
    page.goto(CUSTOMER)
    page.context.clear_cookies(name="churnlab_session")
    page.get_by_label("Calls to the service", exact=True).fill("9")
    page.wait_for_url("**/app/sign-in?next=**")
    page.get_by_label("API key").fill(service.keys["analyst"])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/customer?**in.calls=9**")


def test_an_operator_rolls_back_and_the_other_version_answers(open_page, service):
    first, second = service.versions
    page = open_page("operator")
    page.get_by_role("link", name="Model").click()
    form = page.locator("form[action$=roll-back]")
    form.get_by_label("Reason").fill("scores look wrong since noon")
    form.get_by_role("button", name="Roll back").click()
    page.get_by_text(f"Version {first} answers now.").wait_for()
    told = httpx.get(
        f"{service.url}/v1/shop/model", headers={"X-API-Key": service.keys["analyst"]}, timeout=60
    ).json()
    assert told["model_version"] == first
    page.goto(CUSTOMER)
    assert page.get_by_text(f"The list was made by version {second}").is_visible()
    page.goto(f"{LIST}/model")
    form.get_by_label("Version to go back to").select_option(second)
    form.get_by_label("Reason").fill("it was the data, not the model")
    form.get_by_role("button", name="Roll back").click()
    page.get_by_text(f"Version {second} answers now.").wait_for()
    assert page.wrong == []


def test_the_keyboard_alone_reaches_everything_in_the_order_of_the_page(open_page):
    page = open_page()
    page.goto(LIST)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Download CSV"
    tops = []
    for _ in range(12):
        page.keyboard.press("Tab")
        place = page.evaluate(
            """() => {
                const style = getComputedStyle(document.activeElement);
                const box = document.activeElement.getBoundingClientRect();
                return [style.outlineStyle, parseFloat(style.outlineWidth), box.top + scrollY];
            }"""
        )
        assert place[:2] == ["solid", 3]
        tops.append(place[2])
    assert tops == sorted(tops, key=lambda top: round(top / 60))


def test_the_keyboard_alone_signs_in_and_opens_a_customer(open_page, service):
    page = open_page(None)
    page.get_by_label("API key").focus()
    page.keyboard.type(service.keys["analyst"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/app/studies/shop")
    page.locator("table.list tbody a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/customer?**")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_wider_than_a_phone(open_page, path, scheme):
    page = open_page("operator", viewport=PHONE, color_scheme=scheme, has_touch=True)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, .button, select, input:not([type=hidden])')]
            .filter((one) => one.getBoundingClientRect().height > 0)
            .filter((one) => one.getBoundingClientRect().height < 24)
            .map((one) => one.outerHTML)"""
    )
    assert small == []


@pytest.mark.parametrize("tag", ["pt-BR", "es"])
@pytest.mark.parametrize("path", PAGES)
def test_no_language_is_wider_than_a_phone(open_page, path, tag):
    page = open_page("operator", viewport=PHONE)
    page.goto(f"/app/language/{tag}")
    page.goto(path)
    assert page.evaluate("document.documentElement.lang") == tag
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_without_scripts_everything_but_sliding_is_there(open_page, service):
    page = open_page("operator", java_script_enabled=False)
    page.goto(CUSTOMER)
    assert page.locator("input[type=range]").first.is_hidden()
    own = inputs(service)
    page.get_by_label("Calls to the service", exact=True).fill(str(own["calls"] + 3))
    page.get_by_role("button", name="Calculate").click()
    page.wait_for_url("**in.calls=**")
    expected = predicted(service, {**own, "calls": own["calls"] + 3})
    assert page.locator('[data-out="p"]').inner_text() == f"{100 * expected:.1f}%"
    page.goto(f"{LIST}/model")
    page.get_by_text("As a table").first.click()
    assert page.locator("details[open] table").first.is_visible()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/app/sign-in")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_to_mend(open_page, path, scheme):
    from axe_playwright_python.sync_playwright import Axe

    # The policy of the page would keep the checker's own script out.
    page = open_page("operator", color_scheme=scheme, bypass_csp=True)
    page.goto(path)
    if path == CUSTOMER:
        page.get_by_label("Calls to the service", exact=True).fill("99")
        page.locator("#what-if-wrong p").wait_for()
    for details in page.locator("summary").all():
        details.click()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
