// A button that opens the browser's print dialog for this page.

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
