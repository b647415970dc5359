"""hone diagnose on the shop: each flaw alone is named first; without flaws nothing is urgent."""
from shop import FLAWS, PATHS, Shop, tap


def diagnose(shop, paths):
    shop.start()
    result, _ = shop.hone("diagnose", *[shop.url(p) for p in paths], "-d", "3s", "--alone", "500ms",
                          "-w", "300ms", "-c", "2")
    shop.stop()
    return result


def first(result):
    return (result["findings"]["items"] or [{}])[0]


def each_flaw_alone():
    for fix, (functions, path) in FLAWS.items():
        with Shop([p for p in FLAWS if p != fix]) as shop:
            for what, paths in (("its request", [path]), ("all requests", PATHS)):
                found = first(diagnose(shop, paths))
                tap(found.get("where") in functions,
                    "diagnose names the flaw that %s fixes, under %s" % (fix, what), found)


def healthy():
    with Shop(FLAWS) as shop:
        result = diagnose(shop, PATHS)
        urgent = [f for f in result["findings"]["items"] if f["priority"] in ("P0", "P1")]
        tap(not urgent, "diagnose finds nothing urgent in a healthy service", urgent)
        tap(result["not_examined"] is not None, "diagnose says what was not examined")


each_flaw_alone()
healthy()
