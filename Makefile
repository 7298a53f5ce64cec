.PHONY: demo demo-reset test check

demo demo-reset test check:
	@./palier.sh $@
