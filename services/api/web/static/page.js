// The page works without this. It only spares readers a jump to the top when they change the
// window of the charts, and lets Escape close open tables.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const open of document.querySelectorAll("details[open]")) open.open = false;
  }
});
