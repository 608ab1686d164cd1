import { eventAlertGroups } from "../../components/events/alert-rules";
import { healthy, scenarios } from "../components/events/alert-scenarios";
import { testAlerts } from "./alert-rules";

jest.setTimeout(600_000);

const groups = eventAlertGroups({ namespace: "kafka", minInSyncReplicas: 2, hasOwnBrokers: true, runbooksUrl: "" });

testAlerts({ groups, healthy, scenarios });
