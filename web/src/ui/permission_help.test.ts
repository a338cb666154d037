import assert from "node:assert/strict";
import { test } from "node:test";
import { strings } from "../strings";
import { permissionHelp } from "./permission_help";

const CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36";

test("each browser gets its own words", () => {
  const words = strings.states.denied;
  assert.equal(permissionHelp(`Mozilla/5.0 (X11; Linux x86_64) ${CHROME}`), words.chrome);
  assert.equal(permissionHelp(`Mozilla/5.0 (Linux; Android 15; K) ${CHROME}`), words.chromeAndroid);
  assert.equal(
    permissionHelp(
      "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1",
    ),
    words.safari,
  );
  assert.equal(
    permissionHelp("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
    words.firefox,
  );
  assert.equal(permissionHelp("something else"), words.other);
});
