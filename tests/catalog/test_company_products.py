"""Products of one company: for everybody, and for who sells for it."""

from __future__ import annotations

from entrepot.companies import CompanyStatusChanged
from entrepot.companies.model import CompanyStatus
from tests.builders import Client


async def set_status(client: Client, company: int, status: CompanyStatus) -> None:
    await client.value("update companies set status = $2 where id = $1", company, status.value)
    await client.publish(CompanyStatusChanged(company_id=company, status=status))


async def test_a_companys_products_with_every_filter(client: Client) -> None:
    company = await client.a_company()
    other = await client.a_product()
    cheap, dear = [
        await client.a_product(company_id=company, category=other["category"], price=price) for price in (1, 9)
    ]
    path = f"/companies/{company}/products"

    page = (await client.get(path, params={"sortBy": "price", "order": "desc", "facets": "true"})).json()
    assert [one["id"] for one in page["products"]] == [dear["id"], cheap["id"]]
    assert page["facets"]["categories"][0]["count"] == page["total"] == 2
    assert (await client.get(path, params={"maxPrice": 5, "company": other["companyId"]})).json()["total"] == 1
    first = (await client.get(path, params={"limit": 1})).json()
    rest = (await client.get(path, params={"limit": 1, "cursor": first["nextCursor"]})).json()
    assert [one["id"] for one in first["products"] + rest["products"]] == [cheap["id"], dear["id"]]


async def test_a_company_that_sells_nothing_or_is_none(client: Client) -> None:
    company = await client.a_company()

    assert (await client.get(f"/companies/{company}/products")).json()["total"] == 0
    for unknown in (4611686018427387904, 0):
        assert (await client.get(f"/companies/{unknown}/products")).status_code == 404
    assert (await client.get("/companies/4611686018427387904/products")).json()["code"] == "COMPANY_NOT_FOUND"


async def test_a_company_that_stops_is_seen_by_its_seller_alone(client: Client) -> None:
    company = await client.a_company()
    product = await client.a_product(company_id=company)
    seller = await client.signed_in("seller", company_id=company)
    other = await client.signed_in("seller", company_id=await client.a_company())

    await set_status(client, company, CompanyStatus.INACTIVE)

    assert (await client.get(f"/companies/{company}/products")).status_code == 404
    assert (await client.get("/products", params={"company": company})).json()["total"] == 0
    assert [one["id"] for one in (await seller.get("/vendors/products")).json()["products"]] == [product["id"]]
    assert (await other.get("/vendors/products", params={"company": company})).json()["total"] == 0
    await set_status(client, company, CompanyStatus.ACTIVE)
    assert (await client.get("/products", params={"company": company, "fresh": 1})).json()["total"] == 1


async def test_who_sells_for_nobody(client: Client) -> None:
    seller = await client.signed_in("seller")

    reply = await seller.get("/vendors/products")

    assert (reply.status_code, reply.json()["code"]) == (404, "COMPANY_NOT_FOUND")
