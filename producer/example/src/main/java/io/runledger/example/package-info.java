/**
 * A real job for the tracker: trains a small classifier on handwritten digits, alone ({@link
 * io.runledger.example.TrainDigits}) or as a grid of runs in which some end badly ({@link
 * io.runledger.example.Grid}).
 */
package io.runledger.example;
