import type { GatewayRoute } from "../../../components";

/** Whose scripts may call the carts. */
export const site = "https://shop.example.com";

export const routes: GatewayRoute[] = [
  { name: "catalog", path: "/catalog", isPublic: true, backends: [{ service: "catalog" }] },
  { name: "admin", path: "/catalog/admin", backends: [{ service: "admin" }] },
  { name: "help", path: "/catalog/admin/help", isPublic: true, backends: [{ service: "help" }] },
  { name: "special", hosts: ["special.shop.example.com"], path: "/catalog", backends: [{ service: "admin" }] },
  {
    name: "order",
    path: "/orders",
    timeoutMilliseconds: 500,
    maxBodyBytes: 2048,
    backends: [{ service: "order" }],
    tierBackends: [{ tier: "enterprise", backends: [{ service: "order-enterprise" }] }],
  },
  { name: "order-next", path: "/orders", version: "2", backends: [{ service: "order-next" }] },
  {
    name: "search",
    path: "/search",
    isPublic: true,
    backends: [
      { service: "search", weight: 80 },
      { service: "search-next", weight: 20 },
    ],
  },
  { name: "cart", path: "/carts", cors: { origins: [site] }, backends: [{ service: "cart" }] },
];
export const services = [
  "catalog",
  "admin",
  "help",
  "order",
  "order-enterprise",
  "order-next",
  "search",
  "search-next",
  "cart",
];
