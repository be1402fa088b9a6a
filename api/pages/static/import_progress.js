// Follows a running import by server-sent events and opens the report when it is there.
// Without script the page reloads itself every three seconds and shows the same.

const box = document.getElementById("progress");

function follow(address) {
  const source = new EventSource(address);
  source.addEventListener("progress", (event) => show(JSON.parse(event.data)));
  source.addEventListener("report", () => {
    source.close();
    window.location.reload();
  });
}

function show(told) {
  const steps = [...box.querySelectorAll("[data-step]")];
  for (const step of steps) {
    if (step.dataset.step === told.step) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  }
  text("table", told.table_label || "");
  text("rows", told.table_label ? count(told.rows) : "");
  text("total", told.total ? ` / ${count(told.total)}` : "");
  text("seconds", told.seconds === undefined ? "" : String(Math.round(told.seconds)));
  const bar = box.querySelector("progress");
  if (told.total) {
    bar.max = told.total;
    bar.value = Math.min(told.rows, told.total);
  } else {
    bar.removeAttribute("value");
  }
}

function text(name, value) {
  box.querySelector(`[data-told="${name}"]`).textContent = value;
}

function count(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

if (box) {
  if ("EventSource" in window) follow(box.dataset.events);
  else setTimeout(() => window.location.reload(), 3000);
}
