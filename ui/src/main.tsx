import { render } from "preact";
import { App } from "./app.tsx";
import { takeTokenFromAddress } from "./connect/address.ts";
import { connect } from "./connect/link.ts";
import { language } from "./words/words.ts";

language.subscribe((name) => {
  document.documentElement.lang = name;
});
const token = takeTokenFromAddress();
// A fresh address pasted into this tab changes its fragment only.
addEventListener("hashchange", () => {
  const another = takeTokenFromAddress();
  if (another !== undefined) connect(another);
});
render(<App />, document.getElementById("app")!);
connect(token);
