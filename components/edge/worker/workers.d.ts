/** Of the Workers runtime. */
declare module "cloudflare:workers" {
  export class DurableObject {
    constructor(state: unknown, environment: unknown);
  }
}
