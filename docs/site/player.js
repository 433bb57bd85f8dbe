// Plays recorded terminals: types each command, then shows its output. Without JavaScript, or for readers who
// prefer no motion, the whole recording is shown.
"use strict";

(function () {
  const kKeyTime = 28;       // milliseconds for each typed character
  const kLineTime = 45;      // for each line of output
  const kPauseTime = 700;    // before a command
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  // One recording: a list of { command, output }, and the screen that shows it.
  class Player {
    constructor(terminal) {
      this.screen = terminal.querySelector("pre");
      this.steps = [...this.screen.querySelectorAll(".command")].map((command) => ({
        command: command.textContent,
        output: command.nextElementSibling.textContent,
      }));
      this.run = 0;  // increases when playing ends; a player that sees another number stops
      const bar = document.createElement("div");
      bar.className = "bar";
      this.button = this.addButton(bar, "Play", () => (this.playing ? this.showAll() : this.play()));
      terminal.prepend(bar);
    }

    addButton(bar, text, action) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.addEventListener("click", action);
      bar.append(button);
      return button;
    }

    setPlaying(playing) {
      this.playing = playing;
      this.button.textContent = playing ? "Show all" : "Play again";
    }

    add(name, text) {
      const span = document.createElement("span");
      span.className = name;
      span.textContent = text;
      this.screen.append(span);
      return span;
    }

    showAll() {
      this.run += 1;
      this.screen.replaceChildren();
      for (const step of this.steps) {
        this.add("command", step.command);
        this.add("output", step.output);
      }
      this.setPlaying(false);
    }

    // Returns false if another run has begun meanwhile.
    async wait(run, time) {
      await new Promise((resolve) => setTimeout(resolve, time));
      return run === this.run;
    }

    async play() {
      if (still.matches) return this.showAll();
      const run = ++this.run;
      this.setPlaying(true);
      this.screen.replaceChildren();
      for (const step of this.steps) {
        if (!(await this.playStep(run, step))) return undefined;
      }
      this.setPlaying(false);
      return undefined;
    }

    async playStep(run, step) {
      const command = this.add("command", "");
      if (!(await this.wait(run, kPauseTime))) return false;
      for (const key of step.command) {
        command.textContent += key;
        if (!(await this.wait(run, kKeyTime))) return false;
      }
      const output = this.add("output", "");
      for (const line of step.output.split(/(?<=\n)/)) {
        output.textContent += line;
        if (!(await this.wait(run, kLineTime))) return false;
      }
      return true;
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const terminal of document.querySelectorAll(".terminal")) new Player(terminal);
  });
})();
