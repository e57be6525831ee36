/* Day or night, before the first paint (a classic script in the head, so nothing flashes).
   A choice made with the button is kept in this browser; without one a screen on the wall follows its hours, any other
   page the system's preference. */
(() => {
  const KEY = "vigil.theme";
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const kept = () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage can be switched off; the system's preference then stands
    }
  };

  const show = () => {
    document.documentElement.dataset.theme = kept() ?? document.documentElement.dataset.hours ?? (dark.matches ? "night" : "day");
  };

  const choose = (theme) => {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // not kept; it still holds for this page
    }
    document.documentElement.dataset.theme = theme;
  };

  show();
  dark.addEventListener("change", show);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-theme-toggle]")) {
      choose(document.documentElement.dataset.theme === "night" ? "day" : "night");
    }
  });
})();
