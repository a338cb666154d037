import assert from "node:assert/strict";
import { test } from "node:test";
import { isLocal, shareLink } from "./dialogs";

test("a local page shares the address that others reach", () => {
  assert.equal(
    shareLink("ABC2DF", "http://localhost:8080/?a=1#x", ["https://192.168.1.5:8443/"]),
    "https://192.168.1.5:8443/#ABC2DF",
  );
  assert.equal(shareLink("ABC2DF", "http://localhost:8080/", []), "http://localhost:8080/#ABC2DF");
});

test("a page that others reach shares itself, without its query", () => {
  assert.equal(
    shareLink("ABC2DF", "https://ar.example/school/?start=camera", ["https://10.0.0.2/"]),
    "https://ar.example/school/#ABC2DF",
  );
});

test("addresses of this computer alone are local", () => {
  for (const href of ["http://localhost/", "http://127.0.0.1:8080/", "http://[::1]:9/"])
    assert.ok(isLocal(href));
  assert.ok(!isLocal("https://192.168.1.5:8443/"));
});
