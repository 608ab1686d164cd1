import { vitessAlerts } from "../../components/database/vitess/alerts";
import { cluster, healthy, scenarios } from "../components/database/alert-scenarios";
import { testAlerts } from "./alert-rules";

jest.setTimeout(600_000);

testAlerts({ groups: vitessAlerts("database", cluster), healthy, scenarios });
