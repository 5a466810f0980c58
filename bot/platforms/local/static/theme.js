// Runs before anything is painted, so that a chosen colour scheme does not flash. The order is the toggle's.
(() => {
  const order = ["auto", "light", "dark"];
  const kept = localStorage.getItem("theme");
  const apply = (theme) => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem("theme", theme);
  };
  window.theme = {
    get: () => document.documentElement.dataset.theme,
    next: () => apply(order[(order.indexOf(window.theme.get()) + 1) % order.length]),
  };
  apply(order.includes(kept) ? kept : "auto");
})();
