// Before anything is shown, so that nothing flashes: the theme that was chosen, if one was.
try {
  var theme = localStorage.getItem('coordinate.theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
} catch {
  // A browser that keeps nothing goes by the system's wish.
}
