# Charts print this file; settings of a Java virtual machine, of which this image has none.
