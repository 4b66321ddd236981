// Small comforts; every page works without them.
(() => {
  "use strict";

  // A form is sent once: the pressed button shows that it is being worked on.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "get" || "repeatable" in form.dataset || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    const button = event.submitter;
    if (button?.classList.contains("btn")) {
      button.dataset.busy = "";
      button.setAttribute("aria-disabled", "true");
    }
  });

  // The browser's Back shows the page as it was left: make its forms usable again.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
    document.querySelectorAll("[data-busy]").forEach((button) => {
      delete button.dataset.busy;
      button.removeAttribute("aria-disabled");
    });
  });

  const openMenus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    openMenus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    if (event.target.closest("[data-print]")) window.print();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      openMenus().forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
    }
    if (event.key === "k" && (event.ctrlKey || event.metaKey)) {
      const search = document.getElementById("search");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    }
  });
})();
