import { readFileSync } from "node:fs";
import { currentShopPage, shopPagePath } from "../../stacks/shop-page";

test("docs/shop.md is what production's configuration says; npm run shop writes it", () => {
  expect(readFileSync(shopPagePath, "utf8")).toBe(currentShopPage());
});
