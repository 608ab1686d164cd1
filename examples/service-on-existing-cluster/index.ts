import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { AgenticService, Bulkhead, MeshNamespace, PriorityClasses } from "omega-platform/service";

const config = new pulumi.Config();

// A cluster with Istio and a metrics server: the one that `kubeconfig` says, or else the context that kubectl uses.
const kubeconfig = config.getSecret("kubeconfig");
const cluster = new kubernetes.Provider("cluster", kubeconfig === undefined ? {} : { kubeconfig });
const inCluster = { providers: [cluster] };

// Whose pods come first when nodes are lost. One for the whole cluster: leave it out where another stack has it.
const priorities = new PriorityClasses("priorities", {}, inCluster);

// Mutual TLS, nothing allowed by default, pods held to the restricted standard.
const namespace = new MeshNamespace(
  "shop",
  { name: "shop", labels: { "omega-platform/environment": pulumi.getStack() } },
  inCluster,
);

const catalog = new AgenticService(
  "catalog",
  {
    namespace: namespace.namespaceName,
    image: config.require("image"),
    contract: {
      name: "catalog",
      version: "1.0.0",
      capabilities: ["product-management", "search"],
      owns: ["products"],
      publishes: [],
      consumes: [],
      dependencies: [],
      // The only host outside the mesh that it reaches.
      externalHosts: [{ host: "images.example.com", timeoutMilliseconds: 2000, bulkhead: Bulkhead.Standard }],
    },
    replicas: { min: 3, max: 12 },
    configuration: { LOG_LEVEL: "info" },
  },
  { ...inCluster, dependsOn: [namespace, priorities] },
);

/** Where others call it, once its `callers` name them. */
export const host = catalog.host;
