// The slider over sample pictures, and buttons that copy a command.
(() => {
  "use strict";
  document.querySelectorAll("[data-frames]").forEach((box) => {
    const frames = [...box.querySelectorAll(".frames img")];
    const slider = box.querySelector("input[type=range]");
    if (!slider) return;
    const said = box.querySelector("output");
    const play = box.querySelector("button");
    let timer = null;
    const show = () => {
      frames.forEach((frame, i) => frame.classList.toggle("on", i === +slider.value));
      said.textContent = `${frames[+slider.value].dataset.kimg} kimg`;
      slider.setAttribute("aria-valuetext", said.textContent);
    };
    const stop = () => { clearInterval(timer); timer = null; play.textContent = "Play"; };
    slider.addEventListener("input", () => { stop(); show(); });
    play.addEventListener("click", () => {
      if (timer) return stop();
      if (+slider.value === frames.length - 1) slider.value = 0;
      show();
      play.textContent = "Pause";
      timer = setInterval(() => {
        slider.value = +slider.value + 1;
        show();
        if (+slider.value === frames.length - 1) stop();
      }, 600);
    });
  });
  document.querySelectorAll("button[data-copy]").forEach((button) => {
    button.addEventListener("click", async () => {
      const code = button.previousElementSibling;
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch { // a page from a file may not be allowed to; the reader can
        getSelection().selectAllChildren(code);
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  });
})();
