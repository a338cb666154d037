// Opens the steps for this device, and notices when the relay's certificate is trusted. Works without it too.
'use strict';
const secure = document.body.dataset.secure;
const agent = navigator.userAgent;
const touchMac = /Macintosh/.test(agent) && navigator.maxTouchPoints > 1;
const platform = /iPhone|iPad|iPod/.test(agent) || touchMac ? 'ios'
  : /Android/.test(agent) ? 'android'
  : /Firefox/.test(agent) ? 'firefox'
  : /Macintosh/.test(agent) ? 'macos'
  : /Windows/.test(agent) ? 'windows'
  : 'linux';
document.getElementById(platform).open = true;
for (const element of document.querySelectorAll(platform === 'ios' ? '.other' : '.apple')) element.hidden = true;

// The room's code stands behind the hash: it goes along.
const target = `${secure}/${location.hash}`;
for (const id of ['open', 'go']) document.getElementById(id).href = target;

let wasUntrusted = false;
async function check() {
  try {
    // Fails where the certificate is not trusted; what it answers is of no interest.
    await fetch(`${secure}/healthz`, { mode: 'no-cors', cache: 'no-store' });
  } catch {
    wasUntrusted = true;
    return;
  }
  clearInterval(timer);
  document.getElementById('trusted').hidden = false;
  document.getElementById('download').hidden = true;
  document.getElementById('status').textContent = 'This device trusts the relay.';
  // Who scanned the code again only wants in; who has just done the steps sees that they worked.
  if (!wasUntrusted) location.replace(target);
}
const timer = setInterval(() => { if (!document.hidden) check(); }, 3000);
document.addEventListener('visibilitychange', () => { if (!document.hidden) check(); });
check();
