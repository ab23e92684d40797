// Signing in with a passkey, and making one. Without this the mailed code does it.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function post(address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok || answer.redirected) throw Object.assign(new Error("refused"), { why: told.why });
  return told;
}

function readable(options) {
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const each of options.excludeCredentials ?? []) each.id = bytes(each.id);
  return options;
}

function written(made) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[name]) response[name] = text(made.response[name]);
  }
  if (made.response.getTransports) response.transports = made.response.getTransports();
  return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response, clientExtensionResults: {} });
}

for (const part of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  const { passkey: what, options, answer, next } = part.dataset;
  const why = part.querySelector(".why");
  let waiting;

  async function go(more) {
    waiting?.abort();
    const mine = (waiting = new AbortController());
    try {
      const asked = await post(options, {});
      const call = { publicKey: readable(asked.options), signal: mine.signal, ...more };
      const made = await navigator.credentials[what === "new" ? "create" : "get"](call);
      location.assign((await post(answer, { token: asked.token, answer: written(made), next })).go);
    } catch (error) {
      if (mine.signal.aborted || (more && !error.why)) return;
      why.textContent = error.why ?? (error.name === "InvalidStateError" ? part.dataset.known : part.dataset.failed);
      why.hidden = false;
    }
  }

  part.hidden = false;
  part.querySelector("button").addEventListener("click", () => {
    why.hidden = true;
    go();
  });
  if (part.hasAttribute("data-fill")) {
    // Offered where the e-mail address is typed, by browsers that can.
    PublicKeyCredential.isConditionalMediationAvailable?.().then((can) => can && go({ mediation: "conditional" }));
  }
}
