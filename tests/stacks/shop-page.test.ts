import { readFileSync } from "node:fs";
import { currentShopPage, shopPagePath } from "../../stacks/shop-page";

/** Tables are padded by the formatter. */
const words = (page: string): string => page.replace(/-{3,}/g, "---").replace(/[ \n]+/g, " ");

test("docs/shop.md is what production's configuration says; npm run shop writes it", () => {
  expect(words(readFileSync(shopPagePath, "utf8"))).toBe(words(currentShopPage()));
});
